# Dates and times. Months stand alone within a date; $day and $year are plain digits.
moment-month-1 = January
moment-month-2 = February
moment-month-3 = March
moment-month-4 = April
moment-month-5 = May
moment-month-6 = June
moment-month-7 = July
moment-month-8 = August
moment-month-9 = September
moment-month-10 = October
moment-month-11 = November
moment-month-12 = December
moment-date = { $day } { $month } { $year }
# The Buddhist era: years are 543 more.
moment-date-buddhist = { $day } { $month } { $year } BE
moment-date-and-time = { $date }, { $time }
moment-now = just now
moment-minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
moment-hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
moment-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
moment-in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
moment-in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
moment-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
