outcome-done = เสร็จแล้ว
outcome-partly = เสร็จบางส่วน
outcome-refused = ไม่ได้ดำเนินการ
outcome-waits = รอ
outcome-lines = ทีละส่วน
outcome-about = เรื่อง
outcome-ending = ผลลัพธ์
outcome-why = เหตุผล
