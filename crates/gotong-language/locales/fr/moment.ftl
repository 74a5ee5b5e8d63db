moment-month-1 = janvier
moment-month-2 = février
moment-month-3 = mars
moment-month-4 = avril
moment-month-5 = mai
moment-month-6 = juin
moment-month-7 = juillet
moment-month-8 = août
moment-month-9 = septembre
moment-month-10 = octobre
moment-month-11 = novembre
moment-month-12 = décembre
moment-date = { $day } { $month } { $year }
moment-date-buddhist = { $day } { $month } { $year } (ère bouddhique)
moment-date-and-time = { $date }, { $time }
moment-now = à l’instant
moment-minutes-ago = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
moment-hours-ago = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
moment-days-ago = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
moment-in-minutes = { $count ->
    [one] dans { $count } minute
   *[other] dans { $count } minutes
}
moment-in-hours = { $count ->
    [one] dans { $count } heure
   *[other] dans { $count } heures
}
moment-in-days = { $count ->
    [one] dans { $count } jour
   *[other] dans { $count } jours
}
