audit-title = Auditoria
audit-about = Cada ato de uma pessoa ou de um programa deixa aqui uma linha. Nenhuma página e nenhum programa pode mudar ou retirar uma.
audit-filter = Que atos
audit-who = Quem
audit-everybody = todos
audit-act = Ato
audit-show = Mostrar
audit-clear = Mostrar tudo
audit-csv = Descarregar em CSV
audit-caption = Os mais recentes primeiro.
audit-count = { $count ->
    [one] { $count } linha no total.
   *[other] { $count } linhas no total.
}
audit-when = Quando
audit-what = Sobre o quê
audit-none = Ainda nada foi feito.
audit-none-such = Ninguém fez isso.
audit-none-such-next = Escolha outra pessoa ou outro ato.
audit-none-so-far = Nenhuma das linhas mais recentes é um ato desses.
audit-none-so-far-next = As linhas mais antigas estão na ligação em baixo.
audit-pages = Páginas
audit-newest = As mais recentes
audit-older = Mais antigas
