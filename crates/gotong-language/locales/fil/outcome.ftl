outcome-done = Tapos na
outcome-partly = Bahagyang tapos
outcome-refused = Hindi nagawa
outcome-waits = Naghihintay
outcome-lines = Bawat bahagi
outcome-about = Ano
outcome-ending = Kinalabasan
outcome-why = Dahilan
