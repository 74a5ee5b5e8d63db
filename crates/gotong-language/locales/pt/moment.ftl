moment-month-1 = janeiro
moment-month-2 = fevereiro
moment-month-3 = março
moment-month-4 = abril
moment-month-5 = maio
moment-month-6 = junho
moment-month-7 = julho
moment-month-8 = agosto
moment-month-9 = setembro
moment-month-10 = outubro
moment-month-11 = novembro
moment-month-12 = dezembro
moment-date = { $day } de { $month } de { $year }
moment-date-buddhist = { $day } de { $month } de { $year } (era budista)
moment-date-and-time = { $date }, { $time }
moment-now = agora mesmo
moment-minutes-ago = { $count ->
    [one] há { $count } minuto
   *[other] há { $count } minutos
}
moment-hours-ago = { $count ->
    [one] há { $count } hora
   *[other] há { $count } horas
}
moment-days-ago = { $count ->
    [one] há { $count } dia
   *[other] há { $count } dias
}
moment-in-minutes = { $count ->
    [one] dentro de { $count } minuto
   *[other] dentro de { $count } minutos
}
moment-in-hours = { $count ->
    [one] dentro de { $count } hora
   *[other] dentro de { $count } horas
}
moment-in-days = { $count ->
    [one] dentro de { $count } dia
   *[other] dentro de { $count } dias
}
