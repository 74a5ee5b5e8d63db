graph-title = வரைபடம்
graph-summary = இரண்டு படிகளுக்குள் { $count ->
    [one] { $count } பொருள்
   *[other] { $count } பொருள்கள்
}.
graph-cut = இங்கே வரையப்பட்டதை விட அதிகம் உள்ளன.
graph-table = இதே விவரம் அட்டவணையாக
graph-from = இருந்து
graph-how = தொடர்பு
graph-to = வரை
