rows-name = ຊື່
rows-type = ປະເພດ
rows-author = ຈາກ
rows-channel = ຊ່ອງທາງ
rows-label = ປ້າຍ
rows-time = ເວລາ
rows-revoked = ຍົກເລີກແລ້ວ
