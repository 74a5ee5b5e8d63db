# The neighbourhood of an object.
graph-title = Graph
graph-summary = { $count ->
    [one] One object
   *[other] { $count } objects
} within two steps.
graph-cut = There is more than is drawn here.
graph-table = The same as a table
graph-from = From
graph-how = How
graph-to = To
