withdraw-title = Thu hồi
withdraw-text = Mọi bên đang giữ được yêu cầu xóa tất cả các phiên bản, và nút của họ báo lại khi đã xóa. Những gì đã bị sao chép đi nơi khác thì không lấy lại được.
withdraw-relabel-title = Đổi nhãn
withdraw-relabel-text = Nhãn chặt hơn ràng buộc mọi phiên bản kể từ bây giờ. Nếu nhãn chặt hơn mức một kênh cho phép, đối tượng sẽ bị thu hồi khỏi kênh đó.
withdraw-where = Ở đâu
withdraw-asked = Sẽ gửi yêu cầu đến:
withdraw-reason = Lý do
withdraw-reason-error = Nội dung sai
withdraw-reason-agreement = Thỏa thuận yêu cầu
withdraw-reason-legal = Pháp luật yêu cầu
withdraw-reason-personal-data = Có dữ liệu cá nhân
withdraw-reason-request = Có người đề nghị
withdraw-reason-other = Lý do khác
withdraw-act = Thu hồi
withdraw-leave = Giữ nguyên
withdraw-new-label = Nhãn mới
withdraw-relabel-act = Đổi
withdraw-now = Ngay lập tức, không hoàn tác được
withdraw-parts = Thu hồi cả những gì nó nêu tên mà không gì khác nêu tên
withdraw-parts-stay = Những gì nó nêu tên giữ nhãn riêng: hãy đổi chúng riêng.
withdraw-nothing-chosen = Chưa thực hiện gì: hãy chọn nơi áp dụng, và lý do hoặc nhãn.
withdraw-again = Chọn lại
withdraw-onward = Mọi bản ghi
withdraw-listed = Những gì bị thu hồi ở đó, và ai đã xóa
withdraw-line-done = đã xong; các bên đang giữ đã được yêu cầu
withdraw-line-none = không có gì của bạn ở đó
withdraw-line-refused = không thực hiện
withdraw-outcome-withdraw = { $entries ->
    [0] Không có gì bị thu hồi.
   *[other] Đã thu hồi { $entries } mục. Mọi bên đang giữ được yêu cầu xóa.
}
withdraw-outcome-relabel = { $entries ->
    [0] Không có nhãn nào được đổi.
   *[other] Đã đổi nhãn của { $entries } mục.
}
withdraw-reason-superseded = Đã có nội dung mới hơn thay thế
withdraw-reason-source-request = Nguồn của nó đề nghị
withdraw-reason-privacy = Tiết lộ quá nhiều về một người
withdraw-reason-retention = Đã hết thời gian được lưu giữ
withdraw-reason-relabelled = Nhãn đã đổi vượt mức kênh tiếp nhận
