outcome-done = Selesai
outcome-partly = Selesai sebagian
outcome-refused = Tidak dilakukan
outcome-waits = Menunggu
outcome-lines = Bagian demi bagian
outcome-about = Perihal
outcome-ending = Hasil
outcome-why = Alasan
