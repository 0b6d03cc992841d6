export default { resolve: { alias: [{ find: /^wasmgrad$/, replacement: "/tmp/wt/matrix/build/index.js" }] }, test: { include: ["test/**/*.test.ts"], testTimeout: 60000, maxWorkers: 2 } };
