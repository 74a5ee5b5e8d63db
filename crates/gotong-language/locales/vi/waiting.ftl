waiting-title = Đang chờ người xử lý
waiting-about = Các bản ghi này được gửi để công bố, nhưng có điểm cần người quyết định trước. Bên ngoài chưa ai thấy chúng.
waiting-none = Không có gì đang chờ
waiting-none-text = Những gì cần quyết định sẽ hiện ở đây.
waiting-no-more = Không còn gì đang chờ
waiting-first = Trở lại đầu danh sách
waiting-only-look = Bạn có thể xem. Quyền quyết định thuộc về cán bộ duyệt công bố.
waiting-caption = Cũ nhất trước
waiting-choose = Chọn
waiting-what = Nội dung
waiting-why = Vì sao phải chờ
waiting-all-shown = Tất cả { $count } mục hiển thị ở đây
waiting-release = Phát hành mục đã chọn
waiting-drop = Bỏ mục đã chọn
waiting-decide-about = Mục được phát hành sẽ được công bố ngay trong kênh của nó. Mục bị bỏ sẽ bị xóa và không khôi phục được.
waiting-next = Xem thêm
waiting-one-title = Đang chờ, số
waiting-sender = Người gửi
waiting-contents = Nội dung
waiting-release-one = Phát hành
waiting-drop-one = Bỏ
waiting-nothing-chosen = Chưa thực hiện gì: chưa có mục nào được chọn.
waiting-onward = Những mục còn chờ
waiting-released = { $count ->
    [0] Không có gì được phát hành.
   *[other] Đã phát hành { $count } bản ghi.
}
waiting-dropped = { $count ->
    [0] Không có gì bị bỏ.
   *[other] Đã bỏ { $count } bản ghi.
}
waiting-line-released = đã công bố
waiting-line-known = đã được công bố từ trước
waiting-line-refused = bị từ chối; vẫn chờ ở đây
waiting-line-waits = vẫn chờ
waiting-line-dropped = đã bỏ và xóa
waiting-line-gone = không còn chờ: đã có người quyết định
