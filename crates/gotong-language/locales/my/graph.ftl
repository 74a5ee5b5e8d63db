graph-title = ဂရပ်
graph-summary = နှစ်ဆင့်အတွင်း အရာဝတ္ထု { $count } ခု။
graph-cut = ဤနေရာတွင် ဆွဲပြထားသည်ထက် ပိုရှိပါသည်။
graph-table = တူညီသောအကြောင်းအရာ၊ ဇယားဖြင့်
graph-from = မှ
graph-how = ဆက်နွှယ်ပုံ
graph-to = သို့
