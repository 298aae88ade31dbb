# `npm start`: installs and builds what is missing, and then becomes the server, so that nothing stays beside it.
cd "$(dirname "$0")/.." || exit
node scripts/run.mjs prepare || exit
node=node_modules/node/bin/node
# A machine may already have a Node as new as ours where the pinned one does not install.
[ -x "$node" ] || node=node
# A small young generation: the default keeps 64 MB for it, and idles with them.
exec "$node" --max-semi-space-size=4 dist/main.js
