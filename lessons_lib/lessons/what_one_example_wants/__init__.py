"""What one example wants: its nudges, and three ways to give in to them."""
