outcome-done = ပြီးပါပြီ
outcome-partly = တစ်စိတ်တစ်ပိုင်း ပြီးသည်
outcome-refused = မဆောင်ရွက်ခဲ့ပါ
outcome-waits = စောင့်ဆိုင်းနေသည်
outcome-lines = အပိုင်းလိုက်
outcome-about = အကြောင်းအရာ
outcome-ending = ရလဒ်
outcome-why = အကြောင်းရင်း
