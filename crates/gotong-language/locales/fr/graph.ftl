graph-title = Graphe
graph-summary = { $count ->
    [one] { $count } objet
   *[other] { $count } objets
} à deux pas au plus.
graph-cut = Il y en a plus que ce qui est dessiné ici.
graph-table = La même chose en tableau
graph-from = De
graph-how = Lien
graph-to = Vers
