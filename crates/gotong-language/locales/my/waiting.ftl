waiting-title = တာဝန်ရှိသူကို စောင့်နေသည်
waiting-about = ဤမှတ်တမ်းများကို ထုတ်ပြန်ရန် ပို့ထားပြီး၊ အရာရှိ ဦးစွာ ဆုံးဖြတ်ရမည့်အချက် ပါသည်။ ပြင်ပမှ မည်သူမျှ မမြင်ရသေးပါ။
waiting-none = စောင့်နေသည် မရှိပါ
waiting-none-text = ဆုံးဖြတ်ရမည့်အရာများကို ဤနေရာတွင် ပြပါမည်။
waiting-no-more = စောင့်နေသည် မရှိတော့ပါ
waiting-first = အစသို့ ပြန်ရန်
waiting-only-look = သင် ကြည့်နိုင်ပါသည်။ ဆုံးဖြတ်သူမှာ ထုတ်ပြန်ခွင့်ပြုအရာရှိ ဖြစ်သည်။
waiting-caption = အဟောင်းဆုံးမှစ၍
waiting-choose = ရွေးရန်
waiting-what = မည်သည့်အရာ
waiting-why = စောင့်ရသည့်အကြောင်း
waiting-all-shown = ဤနေရာတွင် ပြထားသော { $count } ခုလုံး
waiting-release = ရွေးထားသည်ကို ထုတ်ပြန်ခွင့်ပြုရန်
waiting-drop = ရွေးထားသည်ကို ပယ်ရန်
waiting-decide-about = ခွင့်ပြုသည်ကို ၎င်း၏ ချန်နယ်တွင် ချက်ချင်း ထုတ်ပြန်ပါသည်။ ပယ်သည်ကို ဖျက်ပြီး ပြန်မရနိုင်ပါ။
waiting-next = နောက်ထပ်
waiting-one-title = စောင့်နေသည်၊ အမှတ်
waiting-sender = ပို့သူ
waiting-contents = အကြောင်းအရာ
waiting-release-one = ထုတ်ပြန်ခွင့်ပြုရန်
waiting-drop-one = ပယ်ရန်
waiting-nothing-chosen = ဘာမျှ မဆောင်ရွက်ပါ - ဘာမျှ မရွေးထားပါ။
waiting-onward = စောင့်နေဆဲ အရာများ
waiting-released = { $count ->
    [0] ဘာမျှ ခွင့်မပြုပါ။
   *[other] မှတ်တမ်း { $count } ခု ထုတ်ပြန်ခွင့်ပြုပြီးပါပြီ။
}
waiting-dropped = { $count ->
    [0] ဘာမျှ မပယ်ပါ။
   *[other] မှတ်တမ်း { $count } ခု ပယ်ပြီးပါပြီ။
}
waiting-line-released = ထုတ်ပြန်ပြီး
waiting-line-known = ယခင်က ထုတ်ပြန်ပြီး
waiting-line-refused = ငြင်းပယ်ခံရသည်။ ဤနေရာတွင် စောင့်နေဆဲ
waiting-line-waits = စောင့်နေဆဲ
waiting-line-dropped = ပယ်ပြီး ဖျက်ပြီး
waiting-line-gone = မစောင့်တော့ပါ - တစ်ဦးဦးက ဆုံးဖြတ်ပြီးပါပြီ
