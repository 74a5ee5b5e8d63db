outcome-done = Đã xong
outcome-partly = Xong một phần
outcome-refused = Chưa thực hiện
outcome-waits = Đang chờ
outcome-lines = Từng phần
outcome-about = Nội dung
outcome-ending = Kết quả
outcome-why = Lý do
