bulk-bar = Xử lý nhiều bản ghi cùng lúc
bulk-page = Tất cả { $count } bản ghi trên trang này
bulk-all = Tất cả những gì khớp, trên mọi trang
bulk-chosen = Đã chọn: { "{" }count{ "}" }
bulk-withdraw = Thu hồi…
bulk-relabel = Đổi nhãn…
bulk-download = Tải tất cả những gì khớp, dạng STIX 2.1
bulk-pick = Chọn bản ghi này
bulk-waiting-all = Tất cả những gì đang chờ bạn, không chỉ trên trang này:
bulk-waiting-release = Phát hành tất cả…
bulk-waiting-drop = Bỏ tất cả…
bulk-title-withdraw = { $count ->
    [0] Không thu hồi gì
   *[other] Thu hồi { $count } bản ghi
}
bulk-title-relabel = { $count ->
    [0] Không đổi nhãn nào
   *[other] Đổi nhãn của { $count } bản ghi
}
bulk-title-release = { $count ->
    [0] Không phát hành gì
   *[other] Phát hành { $count } bản ghi đang chờ
}
bulk-title-drop = { $count ->
    [0] Không bỏ gì
   *[other] Bỏ { $count } bản ghi đang chờ
}
bulk-about-withdraw = Mọi bên đang giữ được yêu cầu xóa tất cả các phiên bản, và nút của họ báo lại khi đã xóa. Những gì đã bị sao chép đi nơi khác thì không lấy lại được.
bulk-about-relabel = Nhãn chặt hơn ràng buộc mọi phiên bản kể từ bây giờ. Nếu nhãn chặt hơn mức một kênh cho phép, các bản ghi sẽ bị thu hồi khỏi kênh đó.
bulk-about-release = Mỗi bản ghi được công bố trong kênh của nó, như khi bạn phát hành riêng từng bản ghi.
bulk-about-drop = Mỗi bản ghi bị xóa khi hết thời gian chờ, và khi đó không khôi phục được.
bulk-caption = Những gì liên quan, theo kênh
bulk-records = Bản ghi
bulk-who = Ai được yêu cầu làm theo
bulk-who-receives = Ai sẽ nhận
bulk-none = Không có gì ở đây xử lý được
bulk-none-text = Lý do có ở bên dưới. Bạn có thể thu hồi và đổi nhãn những gì chính bên bạn đã công bố.
bulk-left-out = Những gì được giữ nguyên
bulk-send = Thực hiện sau hai phút
bulk-send-hint = Trong hai phút vẫn có thể hoàn tác.
bulk-leave = Giữ nguyên tất cả
bulk-frozen = Những gì đã chọn được cố định khi trang này được tạo: những gì đến bây giờ không được tính vào. Lựa chọn không được gửi sẽ bị bỏ sau một giờ.
bulk-held = Sẽ thực hiện sau
bulk-held-text = Cho đến lúc đó vẫn có thể hoàn tác, và chưa có gì xảy ra với bản ghi nào. Sẽ bắt đầu lúc
bulk-undo = Hoàn tác
bulk-running = Đang thực hiện
bulk-running-text = Việc này tự tiếp tục, dù bạn có xem hay không. Việc đã bắt đầu nên không còn hoàn tác được.
bulk-look-again = Xem lại
bulk-look = Xem
bulk-back = Chọn lại
bulk-undone = Đã hoàn tác. Không có gì xảy ra với { $count } bản ghi đã chọn.
bulk-left = Chưa thực hiện gì, và không giữ lại gì của lựa chọn.
bulk-again = Công bố lại nội dung
bulk-refused-unknown = Việc này không còn nữa: nó đã được thực hiện, được bỏ qua, hoặc đã hết hạn sau một giờ.
bulk-refused-much = Chưa thực hiện gì: số bản ghi khớp nhiều hơn mức chọn được trong một lần, là { $count } bản ghi, hoặc 1.000 khi tìm theo từ. Hãy thu hẹp câu hỏi, ví dụ theo loại, kênh hoặc tác giả, rồi chọn lại.
bulk-refused-late = Đã quá muộn: việc đã bắt đầu, hoặc { $seconds } giây đã hết. Những gì đã thu hồi thì vẫn bị thu hồi và có thể được công bố lại.
bulk-refused-nothing = Chưa thực hiện gì: hãy chọn bản ghi, rồi chọn lý do hoặc nhãn.
bulk-outcome-withdraw = { $count ->
    [0] Không có gì bị thu hồi.
   *[other] Đã thu hồi { $count } bản ghi. Mọi bên đang giữ được yêu cầu xóa. Việc này không hoàn tác được; có thể công bố lại.
}
bulk-outcome-relabel = { $count ->
    [0] Không có nhãn nào được đổi.
   *[other] Đã đổi nhãn của { $count } bản ghi. Có thể đổi lại.
}
bulk-outcome-release = { $count ->
    [0] Không có gì được phát hành.
   *[other] Đã phát hành { $count } bản ghi. Có thể thu hồi.
}
bulk-outcome-drop = { $count ->
    [0] Không có gì bị bỏ.
   *[other] Đã bỏ và xóa { $count } bản ghi.
}
bulk-line-done = { $count } bản ghi: đã xong
bulk-line-beyond = { $count } bản ghi: đã thu hồi, vì nhãn chặt chẽ hơn mức kênh tiếp nhận
bulk-line-others = { $count } bản ghi không phải của bạn: chỉ bên đã công bố mới rút lại được
bulk-line-gone = { $count } bản ghi không còn nữa: đã bị thu hồi, hoặc đã có người quyết định
bulk-line-rights = { $count } bản ghi: không thực hiện, vì bạn không còn quyền làm việc này ở đó
bulk-line-refused = { $count } bản ghi: bị từ chối
bulk-line-waits = { $count } bản ghi vẫn chờ
bulk-now = Việc bạn đang làm với nhiều bản ghi
bulk-now-held = bắt đầu lúc
