# Pages of what went wrong, by the status of the answer.
problem-next = What to do next:
problem-more = More about this
problem-400 = This was not understood
problem-401 = You are not logged in
problem-403 = You may not do this
problem-404 = There is nothing here for you
problem-405 = This page takes no such request
problem-408 = This took too long
problem-409 = Something else came first
problem-410 = This is gone
problem-413 = This is too large
problem-415 = This kind of file is not taken here
problem-422 = Something in it is wrong
problem-429 = Too much at once
problem-500 = Something went wrong here
problem-503 = This node cannot answer just now
problem-507 = The disk is full
