//! The progress bar: bytes, rate and time left, on stderr, once the work takes over half a second.

use crate::report::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Work that is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

const WITH_TOTAL: &str = "{bar:30} {percent:>3}%  {binary_bytes} of {binary_total_bytes}  \
                          {binary_bytes_per_sec}  {eta} left";

const WITHOUT_TOTAL: &str = "{spinner} {binary_bytes}  {binary_bytes_per_sec}  {elapsed}";

/// A bar that shows itself while this lives.
pub(super) struct Ticker {
    // Dropped first: the thread ends when there is no sender left.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Begins to watch the work. Without a thread to spare there is no bar.
    pub(super) fn start(progress: Arc<Progress>) -> Ticker {
        let (stop, stopped) = mpsc::channel();
        let watch = move || watch(&progress, &stopped);
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(watch);
        Ticker {
            stop: Some(stop),
            thread: thread.ok(),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        let thread = self.thread.take();
        // The bar is gone from the terminal before anything else is printed.
        let _ = thread.map(JoinHandle::join);
    }
}

fn watch(progress: &Progress, stopped: &Receiver<()>) {
    if goes_on(stopped, PATIENCE) {
        let bar = bar(progress.total());
        while goes_on(stopped, TICK) {
            if let Some(total) = progress.total() {
                bar.set_length(total);
            }
            bar.set_position(progress.consumed());
            bar.tick();
        }
        bar.finish_and_clear();
    }
}

fn goes_on(stopped: &Receiver<()>, wait: Duration) -> bool {
    stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout)
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = if total.is_some() {
        WITH_TOTAL
    } else {
        WITHOUT_TOTAL
    };
    let style = ProgressStyle::with_template(template);
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    bar.set_style(
        style
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸ "),
    );
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_sound() {
        assert!(ProgressStyle::with_template(WITH_TOTAL).is_ok());
        assert!(ProgressStyle::with_template(WITHOUT_TOTAL).is_ok());
    }

    #[test]
    fn short_work_ends_without_waiting_for_the_bar() {
        let begun = std::time::Instant::now();
        drop(Ticker::start(Arc::default()));
        assert!(begun.elapsed() < PATIENCE);
    }
}
