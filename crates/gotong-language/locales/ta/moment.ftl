moment-month-1 = ஜனவரி
moment-month-2 = பிப்ரவரி
moment-month-3 = மார்ச்
moment-month-4 = ஏப்ரல்
moment-month-5 = மே
moment-month-6 = ஜூன்
moment-month-7 = ஜூலை
moment-month-8 = ஆகஸ்ட்
moment-month-9 = செப்டம்பர்
moment-month-10 = அக்டோபர்
moment-month-11 = நவம்பர்
moment-month-12 = டிசம்பர்
moment-date = { $day } { $month }, { $year }
moment-date-buddhist = { $day } { $month }, { $year } (புத்த ஆண்டு)
moment-date-and-time = { $date }, { $time }
moment-now = இப்போது
moment-minutes-ago = { $count ->
    [one] { $count } நிமிடத்திற்கு முன்
   *[other] { $count } நிமிடங்களுக்கு முன்
}
moment-hours-ago = { $count ->
    [one] { $count } மணிநேரத்திற்கு முன்
   *[other] { $count } மணிநேரங்களுக்கு முன்
}
moment-days-ago = { $count ->
    [one] { $count } நாளுக்கு முன்
   *[other] { $count } நாட்களுக்கு முன்
}
moment-in-minutes = { $count ->
    [one] { $count } நிமிடத்தில்
   *[other] { $count } நிமிடங்களில்
}
moment-in-hours = { $count ->
    [one] { $count } மணிநேரத்தில்
   *[other] { $count } மணிநேரங்களில்
}
moment-in-days = { $count ->
    [one] { $count } நாளில்
   *[other] { $count } நாட்களில்
}
