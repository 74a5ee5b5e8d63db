# A regra interna: o que é mostrado às organizações que um membro serve.
house-title = Regra interna
house-about = O que só o seu país decide: canais próprios, e que classe das organizações que serve lê o quê, e até que etiqueta. Nunca sai das suas máquinas.
house-none = Ainda não vale aqui nenhuma regra interna.
house-none-text = Até que uma valha, nada é mostrado a ninguém além do seu pessoal, e nenhuma organização pode ser servida.
house-begin = Redigir uma
house-amend = Redigir a versão seguinte
house-hand-in = Entregar uma versão assinada
house-number = Versão
house-in-force = em vigor
house-not-yet = ainda não está em vigor
house-over = terminada
house-followed = seguida de outra
house-who = Quem lê o quê
house-who-about = Tal como vale neste momento: o que a regra dá e o acordo deixa seguir. O que aqui não é nomeado não é mostrado.
house-more = Há mais do que aqui se mostra.
house-served = { $count ->
    [0] Nenhuma organização desta classe é servida.
    [one] É servida { $count } organização desta classe.
   *[other] São servidas { $count } organizações desta classe.
}
house-caption = o que é lido, e até que etiqueta
house-up-to = Até
house-by = Segundo a cláusula
house-own = cada organização o seu, e o seu pessoal
house-kinds = só
house-except = mas nunca
house-nothing = Nada lhes é mostrado agora.
house-nothing-text = A regra não dá nada, ou nenhum acordo em vigor o deixa seguir.
house-classes-none = A regra não tem classes: ninguém além do seu pessoal lê algo.
house-staff = O seu pessoal
house-staff-about = Em canais próprios. O que o seu pessoal lê dos acordos está na página de cada um.
house-channels-none = A regra não abre canais próprios.
house-versions = Versões
house-changed = O que mudou
house-first = A primeira versão.
house-draft-title = Redigir a regra interna
house-draft-about = A versão que vale está abaixo, tal como as pessoas a escrevem. Altere-a, e veja quem leria mais ou menos antes de alguém assinar.
house-draft-first = Abaixo está um projeto por onde começar. Altere-o conforme o que o seu país decidiu, e veja quem leria o quê antes de alguém assinar.
house-draft-next = Veja o que mudaria, e depois mande-a assinar.
house-source = A regra, em TOML
house-source-hint = Uma regra inteira, e não só o que muda. Cada regra indica a cláusula que cumpre.
house-check = Verificar
house-leave = Deixar
house-would = O que mudaria, à data de
house-would-nothing = Ninguém leria mais nem menos por causa dela.
house-would-caption = Quem leria mais, e quem menos
house-would-who = Quem
house-would-now = Agora
house-would-then = Depois
house-would-up-to = até
house-would-none = nada
house-would-more = lê mais
house-would-less = lê menos
house-sign-about = A regra vale logo que a sua chave-raiz a tenha assinado. Essa chave é guardada fora de linha, por isso nada se assina nesta página, e quem a redige não a pode pôr em vigor sozinho.
house-download = Descarregar
house-onward = Ver a regra interna
