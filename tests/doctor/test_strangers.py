"""Networks written without a look at the doctor, with mistakes it may not know: none gets a wrong name."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from lessons_lib import cross_entropy, identity, relu, sigmoid, softmax, squared_error, tanh
from lessons_lib.doctor import check_file, examine, random_case, write_case

LOOPS = """
import math
def sg(v): return 1/(1+math.exp(-v))
def grads(X, Y, W1, b1, W2, b2):
    nh=len(W1); no=len(W2); ni=len(W1[0])
    gW1=[[0.0]*ni for _ in range(nh)]; gb1=[0.0]*nh
    gW2=[[0.0]*nh for _ in range(no)]; gb2=[0.0]*no
    for x,y in zip(X,Y):
        h=[sg(sum(W1[i][j]*x[j] for j in range(ni))+b1[i]) for i in range(nh)]
        o=[sg(sum(W2[i][j]*h[j] for j in range(nh))+b2[i]) for i in range(no)]
        do=[(o[i]-y[i])*o[i]*(1-o[i]) for i in range(no)]
        dh=[]
        for j in range(nh):
            s=0
            for i in range(no): s+=do[i]*W2[i][j]
            dh.append(s*h[j]*(1-h[j]))
        for i in range(no):
            for j in range(nh): gW2[i][j]+=do[i]*h[j]
            gb2[i]+=do[i]
        for i in range(nh):
            for j in range(ni): gW1[i][j]+=dh[i]*x[j]
            gb1[i]+=dh[i]
    return gW1,gb1,gW2,gb2
"""
COLUMNS = """
import numpy as np
def grads(Ws, bs, xs, ys):
    tot=None
    for x,y in zip(xs, ys):
        x=np.asarray(x).reshape(-1,1); y=np.asarray(y).reshape(-1,1)
        acts=[x]
        for k,(W,b) in enumerate(zip(Ws,bs)):
            z=W.dot(acts[-1])+np.asarray(b).reshape(-1,1)
            acts.append(np.tanh(z) if k<len(Ws)-1 else z)
        d=acts[-1]-y
        out=[]
        for k in range(len(Ws)-1,-1,-1):
            out.append((d.dot(acts[k].T), d))
            if k>0:
                d=Ws[k].T.dot(d)*(1-acts[k]**2)
        out=out[::-1]
        if tot is None: tot=[[a.copy(),b.copy()] for a,b in out]
        else:
            for t,o in zip(tot,out):
                t[0]+=o[0]; t[1]+=o[1]
    m=len(xs)
    return [(a/m, (b/m).ravel()) for a,b in tot]
"""
SCORES = """
import numpy as np
def grads(X, T, Ws, bs):
    A=[X]
    for W,b in zip(Ws[:-1],bs[:-1]):
        A.append(np.maximum(A[-1]@W+b,0))
    S=A[-1]@Ws[-1]+bs[-1]
    E=np.exp(S-S.max(1,keepdims=True)); P=E/E.sum(1,keepdims=True)
    G=P-T
    dW=[];db=[]
    for k in reversed(range(len(Ws))):
        dW.insert(0,A[k].T@G/len(X)); db.insert(0,G.mean(0))
        if k: G=(G@Ws[k].T)*(A[k]>0)
    return dW,db
"""
NETWORKS = {
    LOOPS: {"hidden": sigmoid, "output": sigmoid, "cost": squared_error},
    COLUMNS: {"hidden": tanh, "output": identity, "cost": squared_error},
    SCORES: {"hidden": relu, "output": softmax, "cost": cross_entropy},
}
LOCATED = None
MISTAKES = [  # source, the kinds to be named or LOCATED with the first wrong block, edits
    (LOOPS, LOCATED, (0, "b"), ("gb1[i]+=dh[i]", "gb1[i]+=dh[i]*h[i]")),
    (LOOPS, LOCATED, (0, "W"), ("for i in range(no): s+=", "for i in range(no-1): s+=")),
    (LOOPS, LOCATED, (0, "W"), ("s*h[j]*(1-h[j])", "s*h[j]*(1+h[j])")),
    (LOOPS, LOCATED, (1, "b"), ("gb2[i]+=do[i]", "gb2[0]+=do[i]")),
    (LOOPS, {"activations of another layer"}, None, ("dh[i]*x[j]", "dh[i]*h[j]")),
    (LOOPS, {"−1", "activations left out"}, None, ("(o[i]-y[i])", "(y[i]-o[i])"), ("do[i]*h[j]", "do[i]")),
    (COLUMNS, LOCATED, (1, "W"), ("(1-acts[k]**2)", "(1-acts[k])**2")),
    (COLUMNS, {"slope of sigmoid"}, None, ("(1-acts[k]**2)", "acts[k]*(1-acts[k])")),
    (COLUMNS, {"slope at a"}, None, ("(1-acts[k]**2)", "(1-np.tanh(acts[k])**2)")),
    (COLUMNS, {"n"}, None, ("(b/m).ravel()", "b.ravel()")),
    (COLUMNS, LOCATED, (2, "W"), ("m=len(xs)", "m=len(xs)-1")),
    (COLUMNS, {"slope missing", "−1"}, None, ("*(1-acts[k]**2)", ""), ("d=acts[-1]-y", "d=y-acts[-1]")),
    (SCORES, {"slope missing"}, None, ("(A[k]>0)", "(A[k]>=0)")),
    (SCORES, LOCATED, (1, "W"), ("(A[k]>0)", "np.where(A[k]>0,1,0.01)")),
    (SCORES, {"slope extra"}, None, ("G=P-T", "G=(P-T)*P*(1-P)")),
    (SCORES, {"n", "slope missing"}, None, ("@G/len(X)", "@G"), ("*(A[k]>0)", "")),
    (SCORES, {"weight decay"}, None, ("@G/len(X)", "@G/len(X)+0.01*Ws[k]")),
    (SCORES, LOCATED, (2, "W"), ("G=P-T", "G=P-np.eye(P.shape[1])[T.argmax(1)]")),
]


def edited(text, edits):
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return text


def made(text, *edits):
    room = {}
    exec(edited(text, edits), room)
    return room["grads"]


@pytest.mark.parametrize("source", NETWORKS)
def test_as_it_was_written_it_is_right(source):
    assert examine(made(source)).right


@pytest.mark.parametrize(("source", "kinds", "place", "edits"), [(*row[:3], row[3:]) for row in MISTAKES])
def test_a_mistake_is_named_or_located_and_never_misnamed(source, kinds, place, edits):
    found = examine(made(source, *edits), **NETWORKS[source])
    assert not found.right
    assert {finding.kind for finding in found.findings} == (kinds or set()), found.message
    assert (found.unexplained[0] if found.unexplained else None) == place, found.message


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
@pytest.mark.parametrize(
    ("kinds", "edit"),
    [
        ({"W transposed"}, ("W[k][j] * deltas[layer + 1][k]", "W[j][k] * deltas[layer + 1][k]")),
        ({"−1"}, ("2 * (a - y[j])", "2 * (y[j] - a)")),
        ({"slope missing"}, ("return sum * (mistake ? slope(sigmoid(a)) : slope(a))", "return sum")),
        ({"n"}, ("+= delta / network.inputs.length", "+= delta")),
    ],
)
def test_the_javascript_with_other_mistakes(tmp_path, kinds, edit):
    example = Path(__file__).resolve().parents[2] / "docs/doctor/backprop.mjs"
    script, case = tmp_path / "backprop.mjs", tmp_path / "case.json"
    script.write_text(edited(example.read_text(encoding="utf-8"), [edit]), encoding="utf-8")
    write_case(case, random_case((4, 4, 4, 4)))
    done = subprocess.run(["node", script, case], capture_output=True, text=True, check=True, timeout=60)
    (tmp_path / "mine.json").write_text(json.dumps(json.loads(done.stdout)))
    assert {finding.kind for finding in check_file(tmp_path / "mine.json").findings} == kinds
