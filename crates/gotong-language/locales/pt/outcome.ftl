outcome-done = Feito
outcome-partly = Feito em parte
outcome-refused = Não feito
outcome-waits = Em espera
outcome-lines = Parte por parte
outcome-about = O quê
outcome-ending = Resultado
outcome-why = Porquê
