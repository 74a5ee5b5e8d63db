outcome-done = முடிந்தது
outcome-partly = பகுதி முடிந்தது
outcome-refused = செய்யப்படவில்லை
outcome-waits = காத்திருக்கிறது
outcome-lines = பகுதி வாரியாக
outcome-about = எது
outcome-ending = விளைவு
outcome-why = காரணம்
