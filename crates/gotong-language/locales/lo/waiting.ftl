waiting-title = ລໍຖ້າເຈົ້າໜ້າທີ່
waiting-about = ບັນທຶກເຫຼົ່ານີ້ຖືກສົ່ງມາເພື່ອເຜີຍແຜ່ ແຕ່ມີບາງຢ່າງຕ້ອງໃຫ້ເຈົ້າໜ້າທີ່ຕັດສິນໃຈກ່ອນ. ພາຍນອກຍັງບໍ່ມີໃຜເຫັນ.
waiting-none = ບໍ່ມີຫຍັງລໍຖ້າ
waiting-none-text = ສິ່ງທີ່ຕ້ອງຕັດສິນໃຈຈະສະແດງຢູ່ບ່ອນນີ້.
waiting-no-more = ບໍ່ມີຫຍັງລໍຖ້າອີກ
waiting-first = ກັບໄປຕອນຕົ້ນ
waiting-only-look = ທ່ານເບິ່ງໄດ້. ຜູ້ຕັດສິນໃຈແມ່ນເຈົ້າໜ້າທີ່ອະນຸມັດເຜີຍແຜ່.
waiting-caption = ເກົ່າສຸດກ່ອນ
waiting-choose = ເລືອກ
waiting-what = ສິ່ງໃດ
waiting-why = ຍ້ອນຫຍັງຈຶ່ງລໍຖ້າ
waiting-all-shown = ທັງ { $count } ລາຍການທີ່ສະແດງຢູ່ບ່ອນນີ້
waiting-release = ອະນຸມັດສິ່ງທີ່ເລືອກ
waiting-drop = ຖິ້ມສິ່ງທີ່ເລືອກ
waiting-decide-about = ສິ່ງທີ່ອະນຸມັດຈະຖືກເຜີຍແຜ່ໃນຊ່ອງທາງທັນທີ. ສິ່ງທີ່ຖິ້ມຈະຖືກລຶບ ແລະ ເອົາຄືນບໍ່ໄດ້.
waiting-next = ຕໍ່ໄປ
waiting-one-title = ລໍຖ້າ ເລກທີ
waiting-sender = ສົ່ງໂດຍ
waiting-contents = ເນື້ອໃນ
waiting-release-one = ອະນຸມັດ
waiting-drop-one = ຖິ້ມ
waiting-nothing-chosen = ບໍ່ໄດ້ເຮັດຫຍັງ: ຍັງບໍ່ໄດ້ເລືອກ.
waiting-onward = ສິ່ງທີ່ຍັງລໍຖ້າ
waiting-released = { $count ->
    [0] ບໍ່ມີຫຍັງຖືກອະນຸມັດ.
   *[other] ອະນຸມັດແລ້ວ { $count } ບັນທຶກ.
}
waiting-dropped = { $count ->
    [0] ບໍ່ມີຫຍັງຖືກຖິ້ມ.
   *[other] ຖິ້ມແລ້ວ { $count } ບັນທຶກ.
}
waiting-line-released = ເຜີຍແຜ່ແລ້ວ
waiting-line-known = ເຄີຍເຜີຍແຜ່ແລ້ວ
waiting-line-refused = ຖືກປະຕິເສດ; ຍັງລໍຖ້າຢູ່ບ່ອນນີ້
waiting-line-waits = ຍັງລໍຖ້າ
waiting-line-dropped = ຖິ້ມ ແລະ ລຶບແລ້ວ
waiting-line-gone = ບໍ່ລໍຖ້າແລ້ວ: ມີຄົນຕັດສິນໃຈແລ້ວ
