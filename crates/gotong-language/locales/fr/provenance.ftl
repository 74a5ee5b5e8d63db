provenance-title = D’où cela vient
provenance-verified = Vérifié à l’instant : tout est exact.
provenance-not-verified = Tout n’est pas exact.
provenance-withdrawn = Cela a été retiré :
provenance-tombstone = le retrait
provenance-download = Télécharger la preuve en JSON
provenance-entry = L’entrée
provenance-log = Journal
provenance-index = Position
provenance-author = Auteur
provenance-published = Publié
provenance-arrived = Arrivé ici
provenance-arrived-with = { $count ->
    [one] avec { $count } entrée
   *[other] avec { $count } entrées à la fois
}
provenance-proof = Ce que son auteur a signé
provenance-proof-about = L’auteur a signé la racine du journal entier. Les étapes mènent de cette entrée à cette racine, si bien que personne, pas même l’auteur, ne peut changer l’entrée sans que cela se voie.
provenance-leaf = Empreinte de la feuille
provenance-way = De la feuille à la racine
provenance-steps = { $count ->
    [0] aucune étape : la feuille est la racine
    [one] { $count } étape
   *[other] { $count } étapes
}
provenance-steps-all = Les étapes, la plus basse d’abord
provenance-root = Racine
provenance-size = Entrées sous la racine
provenance-key = Signé avec
provenance-statement = La clé figure dans la déclaration
provenance-note = Le point de contrôle signé
provenance-unsigned = Les entrées les plus récentes sont en cours de signature. Regardez de nouveau dans un instant.
provenance-basis = Pourquoi cela peut être ici
provenance-agreement = Selon l’accord { $name }
provenance-admitted = ses clauses l’admettent
provenance-not-admitted = ses clauses ne l’admettent pas
provenance-basis-charter = Charte
provenance-basis-agreement = Accord
provenance-basis-notice = Notification
provenance-holders = Qui le détient
provenance-holders-none = Personne d’autre n’a encore déclaré le détenir.
provenance-holders-caption = Ce que les autres membres ont déclaré de cette entrée.
provenance-holder = Membre
provenance-says = Déclare
provenance-said-at = Quand
provenance-holds = l’a vérifiée
provenance-holds-not = n’a pas encore lu jusque-là
provenance-erased = l’a effacée
provenance-not-erased = ne l’a pas encore effacée
