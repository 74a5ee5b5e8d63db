rows-name = Tên
rows-type = Loại
rows-author = Từ
rows-channel = Kênh
rows-label = Nhãn
rows-time = Thời gian
rows-revoked = đã hủy bỏ
