# What came of an act.
outcome-done = Done
outcome-partly = Partly done
outcome-refused = Not done
outcome-waits = Waits
outcome-lines = Part by part
outcome-about = What
outcome-ending = Outcome
outcome-why = Why
