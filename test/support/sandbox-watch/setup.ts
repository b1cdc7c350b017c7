import { watch } from './watch';

watch.start();

afterEach(() => watch.judge());

afterAll(() => {
  try {
    watch.judge();
  } finally {
    watch.end();
  }
});
