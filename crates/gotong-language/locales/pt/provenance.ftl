provenance-title = De onde vem
provenance-verified = Verificado agora mesmo: tudo está certo.
provenance-not-verified = Nem tudo está certo.
provenance-withdrawn = Foi retirado:
provenance-tombstone = o ato de retirar
provenance-download = Descarregar a prova em JSON
provenance-entry = A entrada
provenance-log = Registo do canal
provenance-index = Posição
provenance-author = Autor
provenance-published = Publicado
provenance-arrived = Chegou aqui
provenance-arrived-with = { $count ->
    [one] com { $count } entrada
   *[other] com { $count } entradas de uma vez
}
provenance-proof = O que o autor assinou
provenance-proof-about = O autor assinou a raiz de todo o registo do canal. Os passos levam desta entrada a essa raiz, de modo que ninguém, nem o autor, pode mudar a entrada sem que se note.
provenance-leaf = Resumo criptográfico da folha
provenance-way = Da folha à raiz
provenance-steps = { $count ->
    [0] nenhum passo: a folha é a raiz
    [one] { $count } passo
   *[other] { $count } passos
}
provenance-steps-all = Os passos, do mais baixo para cima
provenance-root = Raiz
provenance-size = Entradas sob a raiz
provenance-key = Assinado com
provenance-statement = A chave consta da declaração
provenance-note = O ponto de controlo assinado
provenance-unsigned = As entradas mais recentes estão a ser assinadas. Veja de novo dentro de um momento.
provenance-basis = Porque pode estar aqui
provenance-agreement = Ao abrigo do acordo { $name }
provenance-admitted = as suas cláusulas admitem-no
provenance-not-admitted = as suas cláusulas não o admitem
provenance-basis-charter = Carta
provenance-basis-agreement = Acordo
provenance-basis-notice = Aviso
provenance-holders = Quem o detém
provenance-holders-none = Mais ninguém disse ainda que o detém.
provenance-holders-caption = O que outros membros disseram desta entrada.
provenance-holder = Membro
provenance-says = Diz
provenance-said-at = Quando
provenance-holds = verificou-a
provenance-holds-not = ainda não leu até aqui
provenance-erased = apagou-a
provenance-not-erased = ainda não a apagou
