rows-name = Nome
rows-type = Tipo
rows-author = De
rows-channel = Canal
rows-label = Etiqueta
rows-time = Hora
rows-revoked = revogado
