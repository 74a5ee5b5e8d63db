outcome-done = Selesai
outcome-partly = Selesai sebahagian
outcome-refused = Tidak dilakukan
outcome-waits = Menunggu
outcome-lines = Satu demi satu
outcome-about = Perkara
outcome-ending = Hasil
outcome-why = Sebab
