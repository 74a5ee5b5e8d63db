rows-name = Nom
rows-type = Type
rows-author = De
rows-channel = Canal
rows-label = Étiquette
rows-time = Heure
rows-revoked = révoqué
