start-title = Primeiros passos
start-about = Um nó novo tem algumas coisas a fazer. O estado de cada uma apura-se a partir do que já existe; não há nada para assinalar.
start-caption = Os primeiros passos deste nó. Dê-os por qualquer ordem.
start-step = Passo
start-what = De que se trata
start-state = Estado
start-done = feito
start-open = por fazer
start-none = Não há aqui nada a fazer para a sua função.
start-none-text = Quem opera o nó, ou cuida das contas, vê aqui os primeiros passos.
start-identity = Quem somos
start-identity-statement = A carta está aceite. Ainda nada diz que nó fala por nós: é a chave-raiz que o assina. Na máquina do nó:
start-identity-root = A carta está aceite e as chaves deste nó estão assinadas. A chave-raiz ainda está nesta máquina: copie-a para dois lugares sem rede, verifique cada cópia e depois remova-a daqui. Isto verifica uma cópia:
start-identity-done = A carta está aceite, as chaves deste nó estão assinadas, e a chave-raiz não está nesta máquina.
start-people = Uma segunda pessoa
start-people-text = Uma conta para outra pessoa, para que o nó não dependa de uma só.
start-source = Uma fonte
start-source-text = Um fluxo de fora que o nó lê por si.
start-partner = Um parceiro
start-partner-text = Um acordo em vigor com outro membro. Sem acordo, nada é partilhado.
start-partner-practice = Um nó de treino está sozinho na sua região. Para treinar com parceiros, faça um ensaio com eles: o manual diz como.
start-share = Uma partilha de teste
start-share-text = Algo pequeno, partilhado com o parceiro. A página diz quem o vai ver antes de algo ser enviado.
start-away = Arrumar esta lista
start-back = Mostrar esta lista na primeira página
start-away-done = A lista dos primeiros passos está arrumada.
start-back-done = A lista dos primeiros passos está de novo na primeira página, até que algo seja partilhado com um parceiro.
start-onward = Para a primeira página
start-exercise = Dados de exercício
start-exercise-none = Os dados de exercício precisam de um canal de exercícios, e este nó não tem nenhum. A regra interna abre um: um tipo de canal com “exercise = true”. Isto escreve um projeto:
start-exercise-about = { $count ->
    [one] { $count } objeto inventado
   *[other] { $count } objetos inventados
} de um caso que nunca aconteceu, para ver o aspeto de tudo. Estes dados estão marcados como exercício em toda a parte, nunca saem deste nó, e removem-se com um só clique.
start-exercise-loaded = { $count ->
    [one] { $count } objeto
   *[other] { $count } objetos
} de um caso inventado em { $channel }. As listas de registos reais nunca os mostram.
start-exercise-look = Ver
start-exercise-load = Carregar dados de exercício
start-exercise-rest = Carregar o que falta
start-exercise-remove = Remover os dados de exercício
start-load-done = { $count ->
    [one] { $count } objeto de exercício está carregado.
   *[other] { $count } objetos de exercício estão carregados.
}
start-load-known = Os dados de exercício já lá estavam. Nada foi mudado.
start-load-refused = O canal de exercícios não aceita nenhum dos dados de exercício.
start-load-line-refused = O canal não aceita isto.
start-remove-done = { $count ->
    [one] { $count } objeto de exercício foi removido.
   *[other] { $count } objetos de exercício foram removidos.
}
start-remove-line = { $count ->
    [one] O conteúdo de { $count } entrada foi apagado. O registo do canal guarda que ela foi retirada.
   *[other] Os conteúdos de { $count } entradas foram apagados. O registo do canal guarda que elas foram retiradas.
}
start-remove-none = Não havia dados de exercício. Nada foi mudado.
