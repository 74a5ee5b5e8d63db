graph-title = Gráfiku
graph-summary = Objetu { $count } iha pasu rua nia laran.
graph-cut = Iha tan liu buat ne'ebé dezeña iha ne'e.
graph-table = Hanesan de'it, iha tabela
graph-from = Hosi
graph-how = Oinsá
graph-to = Ba
