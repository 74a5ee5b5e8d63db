outcome-done = ສຳເລັດ
outcome-partly = ສຳເລັດບາງສ່ວນ
outcome-refused = ບໍ່ໄດ້ດຳເນີນການ
outcome-waits = ລໍຖ້າ
outcome-lines = ເທື່ອລະສ່ວນ
outcome-about = ເລື່ອງ
outcome-ending = ຜົນ
outcome-why = ເຫດຜົນ
