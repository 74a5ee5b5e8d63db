graph-title = กราฟ
graph-summary = { $count } วัตถุ ภายในสองขั้น
graph-cut = ยังมีมากกว่าที่วาดไว้ที่นี่
graph-table = เนื้อหาเดียวกันในรูปตาราง
graph-from = จาก
graph-how = ความสัมพันธ์
graph-to = ถึง
