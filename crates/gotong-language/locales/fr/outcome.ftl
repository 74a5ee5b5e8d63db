outcome-done = Fait
outcome-partly = Fait en partie
outcome-refused = Non fait
outcome-waits = En attente
outcome-lines = Partie par partie
outcome-about = Quoi
outcome-ending = Résultat
outcome-why = Pourquoi
