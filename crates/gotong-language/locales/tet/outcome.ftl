outcome-done = Halo ona
outcome-partly = Halo ona balu
outcome-refused = La halo
outcome-waits = Hein hela
outcome-lines = Parte ida-idak
outcome-about = Saida
outcome-ending = Rezultadu
outcome-why = Tanbasá
