withdraw-title = ရုပ်သိမ်းရန်
withdraw-text = ထိန်းသိမ်းသူတိုင်းကို မူကွဲအားလုံး ဖျက်ရန် တောင်းဆိုပြီး၊ ဖျက်ပြီးကြောင်း ၎င်းတို့၏ ဆုံမှတ်က အကြောင်းပြန်ပါသည်။ အခြားနေရာသို့ ကူးယူသွားသည်ကို ပြန်မရနိုင်ပါ။
withdraw-relabel-title = အမှတ်အသား ပြောင်းရန်
withdraw-relabel-text = ပိုတင်းကျပ်သော အမှတ်အသားသည် ယခုမှစ၍ မူကွဲတိုင်းနှင့် သက်ဆိုင်သည်။ ချန်နယ် ခွင့်ပြုသည်ထက် ပိုတင်းကျပ်လျှင် ထိုချန်နယ်မှ ရုပ်သိမ်းပါမည်။
withdraw-where = မည်သည့်နေရာ
withdraw-asked = တောင်းဆိုမည့်သူများ -
withdraw-reason = အကြောင်းရင်း
withdraw-reason-error = မှားယွင်းသောကြောင့်
withdraw-reason-agreement = သဘောတူညီချက်အရ
withdraw-reason-legal = ဥပဒေအရ
withdraw-reason-personal-data = ကိုယ်ရေးအချက်အလက် ပါသောကြောင့်
withdraw-reason-request = တောင်းဆိုသူ ရှိသောကြောင့်
withdraw-reason-other = အခြားအကြောင်းရင်း
withdraw-act = ရုပ်သိမ်းရန်
withdraw-leave = ယခင်အတိုင်း ထားရန်
withdraw-new-label = အမှတ်အသားအသစ်
withdraw-relabel-act = ပြောင်းရန်
withdraw-now = ချက်ချင်း၊ နောက်ပြန်လှည့်၍ မရပါ
withdraw-parts = ၎င်းက ညွှန်းထားပြီး အခြားမည်သည်ကမျှ မညွှန်းသည်များကိုလည်း ရုပ်သိမ်းရန်
withdraw-parts-stay = ၎င်းညွှန်းထားသည်များသည် ကိုယ်ပိုင်အမှတ်အသားဖြင့် ကျန်ရှိမည် - သီးခြားပြောင်းပါ။
withdraw-nothing-chosen = ဘာမျှ မဆောင်ရွက်ပါ - နေရာနှင့် အကြောင်းရင်း သို့မဟုတ် အမှတ်အသားကို ရွေးပါ။
withdraw-again = ထပ်ရွေးရန်
withdraw-onward = မှတ်တမ်းအားလုံး
withdraw-listed = ထိုနေရာတွင် ရုပ်သိမ်းထားသည်များနှင့် ဖျက်ပြီးသူများ
withdraw-line-done = ပြီးပါပြီ။ ထိန်းသိမ်းသူများကို တောင်းဆိုပြီး
withdraw-line-none = ထိုနေရာတွင် သင်၏ အရာ မရှိပါ
withdraw-line-refused = မဆောင်ရွက်ပါ
withdraw-outcome-withdraw = { $entries ->
    [0] ဘာမျှ မရုပ်သိမ်းပါ။
   *[other] စာရင်း { $entries } ခု ရုပ်သိမ်းပြီးပါပြီ။ ထိန်းသိမ်းသူတိုင်းကို ဖျက်ရန် တောင်းဆိုထားသည်။
}
withdraw-outcome-relabel = { $entries ->
    [0] အမှတ်အသား မပြောင်းပါ။
   *[other] စာရင်း { $entries } ခု၏ အမှတ်အသားကို ပြောင်းပြီးပါပြီ။
}
withdraw-reason-superseded = ပိုသစ်သည်က အစားထိုးသည်
withdraw-reason-source-request = ၎င်း၏ ရင်းမြစ်က တောင်းဆိုသည်
withdraw-reason-privacy = လူတစ်ဦးအကြောင်း ပြောလွန်းသည်
withdraw-reason-retention = သိမ်းထားနိုင်သည့်အချိန် ကုန်ပြီ
withdraw-reason-relabelled = အမှတ်အသားကို ချန်နယ် လက်ခံသည်ထက် ကျော်၍ ပြောင်းထားသည်
