graph-title = Graph
graph-summary = { $count } object sa loob ng dalawang hakbang.
graph-cut = Mayroon pang higit sa iginuhit dito.
graph-table = Gayon din, bilang talahanayan
graph-from = Mula sa
graph-how = Ugnayan
graph-to = Patungo sa
