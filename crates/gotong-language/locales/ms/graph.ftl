graph-title = Graf
graph-summary = { $count } objek dalam dua langkah.
graph-cut = Ada lagi selain yang dilukis di sini.
graph-table = Kandungan yang sama dalam jadual
graph-from = Dari
graph-how = Kaitan
graph-to = Ke
