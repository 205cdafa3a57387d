"""Live panels, one file a lesson: ``from lessons_lib import panels``, then ``panels.nudges(net, digits)``.

Names are looked up when first used, so importing this package is quick. To add a panel, add one line to
`PANELS`.
"""

from importlib import import_module

PANELS = {  # name in a notebook -> "file:attribute"
    "Panel": "panel:Panel",
    "Preset": "panel:Preset",
    "TrainingPanel": "training_panel:TrainingPanel",
    "Prediction": "prediction:Prediction",
    "Question": "question:Question",
    "show_source": "source:show_source",
    "check_setup": "start_here:check_setup",
    "first_steps": "start_here:FirstSteps",
    "reader": "a_network_that_reads_digits:Reader",
    "addresses": "where_parameters_live:Addresses",
    "sensitivity": "which_weights_matter:Sensitivity",
    "gradient_picture": "whole_gradient:GradientPicture",
    "isolation": "one_weight_at_a_time:Isolation",
    "entangled": "one_weight_at_a_time:Entangled",
    "nudges": "what_one_example_wants:Nudges",
    "three_avenues": "what_one_example_wants:ThreeAvenues",
    "fire_together": "fire_together_wire_together:FireTogether",
    "bang_for_the_buck": "fire_together_wire_together:BangForTheBuck",
    "train_by_rule": "training_by_rule:TrainByRule",
    "tiny_network": "the_chain_rule:TinyNetwork",
    "gradient_check": "checking_gradients:GradientCheck",
    "clinic": "checking_gradients:Clinic",
    "votes": "every_example_votes:Votes",
    "agreement": "every_example_votes:Agreement",
    "polling": "asking_a_few:Polling",
    "only_twos": "only_listens_to_twos:OnlyTwos",
    "wishes": "passing_wishes_backward:Wishes",
    "step_back": "stepping_back:StepBack",
    "ravine_walks": "momentum_and_conjugate_gradient:RavineWalks",
    "line_searches": "searching_a_line:LineSearches",
    "rules_race": "race_of_rules:RulesRace",
    "walkers": "minibatch_or_full_batch:Walkers",
    "short_run": "short_runs:ShortRun",
    "minibatch_wishes": "minibatch_gradients:MinibatchWishes",
    "spectrum": "few_directions_matter:Spectrum",
    "keep_training": "along_few_directions:KeepTraining",
    "momentum_seeds": "momentum_over_seeds:MomentumSeeds",
    "memorising": "keeping_weights_in_check:Memorising",
    "knock_outs": "knocked_out_neurons:KnockOuts",
    "layers_at_work": "learning_by_layer:LayersAtWork",
    "cockpit": "your_own_reader:Cockpit",
    "runs": "run_list:RunList",
    "compare": "run_list:Compare",
    "teach": "teaching:Teach",
}


def __getattr__(name):
    if name not in PANELS:
        raise AttributeError(f"no panel is called {name!r}; there are {', '.join(sorted(PANELS))}")
    module, attribute = PANELS[name].split(":")
    return getattr(import_module(f"{__name__}.{module}"), attribute)


def __dir__():
    return sorted(PANELS)


def name_of(cls):
    """The name by which notebooks call a panel class: ``panels.nudges``, or else the class's own."""
    here = f"{cls.__module__.removeprefix(__name__ + '.')}:{cls.__name__}"
    return next((f"panels.{name}" for name, place in PANELS.items() if place == here), cls.__name__)
