graph-title = Grafo
graph-summary = { $count ->
    [one] { $count } objeto
   *[other] { $count } objetos
} até dois passos.
graph-cut = Há mais do que aqui se desenha.
graph-table = O mesmo em tabela
graph-from = De
graph-how = Como
graph-to = Para
