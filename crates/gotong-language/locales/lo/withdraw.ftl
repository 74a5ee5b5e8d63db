withdraw-title = ຖອນ
withdraw-text = ຂໍໃຫ້ຜູ້ເກັບຮັກສາທຸກຄົນລຶບທຸກລຸ້ນ ແລະ ໂນດຂອງເຂົາເຈົ້າຈະແຈ້ງເມື່ອລຶບແລ້ວ. ສິ່ງທີ່ມີຄົນສຳເນົາໄປບ່ອນອື່ນແລ້ວ ເອີ້ນຄືນບໍ່ໄດ້.
withdraw-relabel-title = ປ່ຽນປ້າຍ
withdraw-relabel-text = ປ້າຍທີ່ເຂັ້ມງວດກວ່າມີຜົນກັບທຸກລຸ້ນນັບແຕ່ນີ້. ຖ້າເຂັ້ມງວດກວ່າທີ່ຊ່ອງທາງອະນຸຍາດ ວັດຖຸຈະຖືກຖອນຈາກຊ່ອງທາງນັ້ນ.
withdraw-where = ຢູ່ໃສ
withdraw-asked = ຈະຂໍໄປຍັງ:
withdraw-reason = ເຫດຜົນ
withdraw-reason-error = ຂໍ້ມູນຜິດ
withdraw-reason-agreement = ຂໍ້ຕົກລົງກຳນົດໄວ້
withdraw-reason-legal = ກົດໝາຍກຳນົດໄວ້
withdraw-reason-personal-data = ມີຂໍ້ມູນສ່ວນບຸກຄົນ
withdraw-reason-request = ມີຄົນຂໍ
withdraw-reason-other = ເຫດຜົນອື່ນ
withdraw-act = ຖອນ
withdraw-leave = ຮັກສາໄວ້ຄືເກົ່າ
withdraw-new-label = ປ້າຍໃໝ່
withdraw-relabel-act = ປ່ຽນ
withdraw-now = ທັນທີ ໂດຍຍົກເລີກບໍ່ໄດ້
withdraw-parts = ຖອນສິ່ງທີ່ມັນອ້າງເຖິງ ແລະ ບໍ່ມີສິ່ງອື່ນອ້າງເຖິງນຳ
withdraw-parts-stay = ສິ່ງທີ່ມັນອ້າງເຖິງຍັງມີປ້າຍຂອງຕົນ: ກະລຸນາປ່ຽນແຍກຕ່າງຫາກ.
withdraw-nothing-chosen = ບໍ່ໄດ້ເຮັດຫຍັງ: ກະລຸນາເລືອກບ່ອນ ແລະ ເຫດຜົນ ຫຼື ປ້າຍ.
withdraw-again = ເລືອກໃໝ່
withdraw-onward = ບັນທຶກທັງໝົດ
withdraw-listed = ສິ່ງທີ່ຖືກຖອນຢູ່ທີ່ນັ້ນ ແລະ ໃຜລຶບແລ້ວ
withdraw-line-done = ແລ້ວ; ໄດ້ຂໍໄປຍັງຜູ້ເກັບຮັກສາແລ້ວ
withdraw-line-none = ບໍ່ມີສິ່ງຂອງທ່ານຢູ່ບ່ອນນັ້ນ
withdraw-line-refused = ບໍ່ໄດ້ເຮັດ
withdraw-outcome-withdraw = { $entries ->
    [0] ບໍ່ມີຫຍັງຖືກຖອນ.
   *[other] ຖອນແລ້ວ { $entries } ລາຍການ. ຂໍໃຫ້ຜູ້ເກັບຮັກສາທຸກຄົນລຶບ.
}
withdraw-outcome-relabel = { $entries ->
    [0] ບໍ່ມີປ້າຍໃດຖືກປ່ຽນ.
   *[other] ປ່ຽນປ້າຍແລ້ວ { $entries } ລາຍການ.
}
withdraw-reason-superseded = ມີສິ່ງໃໝ່ກວ່າມາແທນ
withdraw-reason-source-request = ແຫຼ່ງຂອງມັນຂໍ
withdraw-reason-privacy = ເປີດເຜີຍເລື່ອງຂອງຄົນຫຼາຍເກີນໄປ
withdraw-reason-retention = ໝົດເວລາເກັບຮັກສາແລ້ວ
withdraw-reason-relabelled = ປ້າຍຖືກປ່ຽນເກີນກວ່າທີ່ຊ່ອງທາງຮັບ
