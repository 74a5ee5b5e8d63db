moment-month-1 = Enero
moment-month-2 = Pebrero
moment-month-3 = Marso
moment-month-4 = Abril
moment-month-5 = Mayo
moment-month-6 = Hunyo
moment-month-7 = Hulyo
moment-month-8 = Agosto
moment-month-9 = Setyembre
moment-month-10 = Oktubre
moment-month-11 = Nobyembre
moment-month-12 = Disyembre
moment-date = { $day } { $month } { $year }
moment-date-buddhist = { $day } { $month } { $year } (panahong Budista)
moment-date-and-time = { $date }, { $time }
moment-now = ngayon lang
moment-minutes-ago = { $count ->
    [one] { $count } minuto ang nakalipas
   *[other] { $count } minuto ang nakalipas
}
moment-hours-ago = { $count ->
    [one] { $count } oras ang nakalipas
   *[other] { $count } oras ang nakalipas
}
moment-days-ago = { $count ->
    [one] { $count } araw ang nakalipas
   *[other] { $count } araw ang nakalipas
}
moment-in-minutes = sa loob ng { $count } minuto
moment-in-hours = sa loob ng { $count } oras
moment-in-days = sa loob ng { $count } araw
