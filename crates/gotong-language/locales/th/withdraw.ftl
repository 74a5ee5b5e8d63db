withdraw-title = ถอน
withdraw-text = ผู้เก็บรักษาทุกรายจะได้รับคำขอให้ลบทุกรุ่น และโหนดของเขาจะแจ้งเมื่อลบแล้ว สิ่งที่มีผู้คัดลอกไปไว้ที่อื่นเรียกคืนไม่ได้
withdraw-relabel-title = เปลี่ยนป้ายกำกับ
withdraw-relabel-text = ป้ายกำกับที่เข้มงวดกว่ามีผลกับทุกรุ่นนับแต่นี้ หากเข้มงวดกว่าที่ช่องทางอนุญาต วัตถุจะถูกถอนจากช่องทางนั้น
withdraw-where = ที่ใด
withdraw-asked = จะส่งคำขอถึง:
withdraw-reason = เหตุผล
withdraw-reason-error = ข้อมูลผิดพลาด
withdraw-reason-agreement = ความตกลงกำหนดไว้
withdraw-reason-legal = กฎหมายกำหนดไว้
withdraw-reason-personal-data = มีข้อมูลส่วนบุคคล
withdraw-reason-request = มีผู้ร้องขอ
withdraw-reason-other = เหตุผลอื่น
withdraw-act = ถอน
withdraw-leave = คงไว้ตามเดิม
withdraw-new-label = ป้ายกำกับใหม่
withdraw-relabel-act = เปลี่ยน
withdraw-now = ทันที โดยยกเลิกไม่ได้
withdraw-parts = ถอนสิ่งที่ระเบียนนี้อ้างถึงและไม่มีสิ่งอื่นอ้างถึงด้วย
withdraw-parts-stay = สิ่งที่ระเบียนนี้อ้างถึงยังคงป้ายกำกับเดิม: โปรดเปลี่ยนแยกต่างหาก
withdraw-nothing-chosen = ไม่ได้ดำเนินการ: โปรดเลือกที่ใด และเหตุผลหรือป้ายกำกับ
withdraw-again = เลือกใหม่
withdraw-onward = ระเบียนทั้งหมด
withdraw-listed = สิ่งที่ถูกถอนในช่องทางนั้น และใครลบแล้ว
withdraw-line-done = เสร็จแล้ว ส่งคำขอถึงผู้เก็บรักษาแล้ว
withdraw-line-none = ไม่มีสิ่งใดของท่านอยู่ที่นั่น
withdraw-line-refused = ไม่ได้ดำเนินการ
withdraw-outcome-withdraw = { $entries ->
    [0] ไม่มีสิ่งใดถูกถอน
   *[other] ถอนแล้ว { $entries } รายการ ผู้เก็บรักษาทุกรายได้รับคำขอให้ลบ
}
withdraw-outcome-relabel = { $entries ->
    [0] ไม่มีป้ายกำกับใดถูกเปลี่ยน
   *[other] เปลี่ยนป้ายกำกับแล้ว { $entries } รายการ
}
withdraw-reason-superseded = มีสิ่งใหม่กว่ามาแทน
withdraw-reason-source-request = แหล่งที่มาร้องขอ
withdraw-reason-privacy = เปิดเผยเรื่องของบุคคลมากเกินไป
withdraw-reason-retention = พ้นเวลาที่เก็บรักษาได้แล้ว
withdraw-reason-relabelled = ป้ายกำกับถูกเปลี่ยนเกินกว่าที่ช่องทางรับได้
