graph-title = Đồ thị
graph-summary = { $count } đối tượng trong vòng hai bước.
graph-cut = Còn nhiều hơn những gì được vẽ ở đây.
graph-table = Cùng nội dung ở dạng bảng
graph-from = Từ
graph-how = Quan hệ
graph-to = Đến
