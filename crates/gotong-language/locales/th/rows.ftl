rows-name = ชื่อ
rows-type = ชนิด
rows-author = จาก
rows-channel = ช่องทาง
rows-label = ป้ายกำกับ
rows-time = เวลา
rows-revoked = เพิกถอนแล้ว
