graph-title = 关系图
graph-summary = 两步之内共{ $count }个对象。
graph-cut = 还有未画出的内容。
graph-table = 同样内容的表格
graph-from = 起点
graph-how = 关系
graph-to = 终点
