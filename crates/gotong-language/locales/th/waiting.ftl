waiting-title = รอเจ้าหน้าที่ดำเนินการ
waiting-about = ระเบียนเหล่านี้ถูกส่งมาเพื่อเผยแพร่ แต่มีบางสิ่งที่ต้องให้เจ้าหน้าที่ตัดสินใจก่อน ภายนอกยังไม่มีใครเห็น
waiting-none = ไม่มีสิ่งใดรออยู่
waiting-none-text = สิ่งที่ต้องตัดสินใจจะแสดงที่นี่
waiting-no-more = ไม่มีสิ่งใดรออยู่อีก
waiting-first = กลับไปตอนต้น
waiting-only-look = ท่านดูได้ ผู้ตัดสินใจคือเจ้าหน้าที่อนุมัติเผยแพร่
waiting-caption = เก่าสุดก่อน
waiting-choose = เลือก
waiting-what = สิ่งใด
waiting-why = เหตุที่รอ
waiting-all-shown = ทั้ง { $count } รายการที่แสดงที่นี่
waiting-release = อนุมัติรายการที่เลือก
waiting-drop = ทิ้งรายการที่เลือก
waiting-decide-about = สิ่งที่อนุมัติจะเผยแพร่ในช่องทางทันที สิ่งที่ทิ้งจะถูกลบและนำกลับมาไม่ได้
waiting-next = ถัดไป
waiting-one-title = รออยู่ หมายเลข
waiting-sender = ส่งโดย
waiting-contents = เนื้อหา
waiting-release-one = อนุมัติ
waiting-drop-one = ทิ้ง
waiting-nothing-chosen = ไม่ได้ดำเนินการ: ยังไม่ได้เลือกรายการ
waiting-onward = สิ่งที่ยังรออยู่
waiting-released = { $count ->
    [0] ไม่มีสิ่งใดได้รับอนุมัติ
   *[other] อนุมัติแล้ว { $count } ระเบียน
}
waiting-dropped = { $count ->
    [0] ไม่มีสิ่งใดถูกทิ้ง
   *[other] ทิ้งแล้ว { $count } ระเบียน
}
waiting-line-released = เผยแพร่แล้ว
waiting-line-known = เคยเผยแพร่แล้ว
waiting-line-refused = ถูกปฏิเสธ ยังรออยู่ที่นี่
waiting-line-waits = ยังรออยู่
waiting-line-dropped = ทิ้งและลบแล้ว
waiting-line-gone = ไม่ได้รออยู่แล้ว: มีผู้ตัดสินใจไปแล้ว
