intelligence-title = Informações
intelligence-caption = Os mais recentes primeiro, pela data dos próprios registos
intelligence-caption-arrived = O que chegou por último vem primeiro
intelligence-order = Ordem
intelligence-any = qualquer
intelligence-label-max = Até à etiqueta
intelligence-filter = Mostrar
intelligence-clear = Mostrar tudo
intelligence-next = Mais antigos
intelligence-wrong = Parte deste endereço não foi compreendida, por isso nada é mostrado para ela.
intelligence-none-match = Nada corresponde a estes filtros.
intelligence-none-yet = Nenhum dos registos vistos até agora corresponde.
intelligence-more-hits = (há mais)
intelligence-no-hit = Nada do que pode ver corresponde a isto.
intelligence-no-hit-text = Procurado:
intelligence-no-hit-where = Nos canais que lê:
intelligence-similar = Nada se escreve assim; estes escrevem-se quase da mesma forma.
intelligence-rebuilding = O nó está a reconstruir os seus índices: pode faltar algo por um momento.
intelligence-outside-only = Nada foi procurado dentro desta rede: é demasiado ampla, ou há redes a mais. Procure partes dela, cada uma no máximo um /16 (IPv4) ou um /48 (IPv6).
intelligence-next-found = Mais
intelligence-found = { $count ->
    [one] { $count } registo corresponde
   *[other] { $count } registos correspondem
}
intelligence-found-more = mais de { $count } registos correspondem
intelligence-why-id = o seu identificador
intelligence-why-value = menciona este valor
intelligence-why-network = menciona uma rede que o contém
intelligence-why-within = menciona o que está nesta rede
intelligence-why-domain = nomeia um domínio acima deste
intelligence-why-url = nomeia um URL neste anfitrião
intelligence-why-exact-name = tem este nome
intelligence-why-word = tem esta palavra
intelligence-why-accents = tem esta palavra, com outros acentos
intelligence-why-beginning = uma palavra começa assim
intelligence-why-part = tem isto dentro de um texto
intelligence-why-similar = uma palavra escrita quase da mesma forma
