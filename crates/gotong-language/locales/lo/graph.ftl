graph-title = ກຣາຟ
graph-summary = { $count } ວັດຖຸ ພາຍໃນສອງຂັ້ນ.
graph-cut = ຍັງມີຫຼາຍກວ່າທີ່ແຕ້ມຢູ່ບ່ອນນີ້.
graph-table = ເນື້ອໃນດຽວກັນເປັນຕາຕະລາງ
graph-from = ຈາກ
graph-how = ຄວາມສຳພັນ
graph-to = ຫາ
